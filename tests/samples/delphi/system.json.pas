{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.JSON;

{$mode delphi}{$H+}

interface

type
  TJSONValue = class
    function Value: string; virtual;
    function ToJSON: string;
  end;
  TJSONString = class(TJSONValue)
  end;
  TJSONNumber = class(TJSONString)
    function GetAsDouble: Double;
    property AsDouble: Double read GetAsDouble;
  end;
  TJSONBool = class(TJSONValue)
    function GetAsBoolean: Boolean;
    property AsBoolean: Boolean read GetAsBoolean;
  end;
  TJSONNull = class(TJSONValue)
  end;
  TJSONArray = class(TJSONValue)
    function GetCount: Integer;
    function GetItem(Index: Integer): TJSONValue;
    property Count: Integer read GetCount;
    property Items[Index: Integer]: TJSONValue read GetItem;
  end;
  TJSONObject = class(TJSONValue)
    function GetValue(const Name: string): TJSONValue;
    class function ParseJSONValue(const Data: string): TJSONValue; static;
    property Values[const Name: string]: TJSONValue read GetValue;
  end;

implementation

function TJSONValue.Value: string; begin Result := ''; end;
function TJSONValue.ToJSON: string; begin Result := ''; end;
function TJSONNumber.GetAsDouble: Double; begin Result := 0; end;
function TJSONBool.GetAsBoolean: Boolean; begin Result := False; end;
function TJSONArray.GetCount: Integer; begin Result := 0; end;
function TJSONArray.GetItem(Index: Integer): TJSONValue; begin Result := nil; end;
function TJSONObject.GetValue(const Name: string): TJSONValue; begin Result := nil; end;
class function TJSONObject.ParseJSONValue(const Data: string): TJSONValue; begin Result := nil; end;

end.
