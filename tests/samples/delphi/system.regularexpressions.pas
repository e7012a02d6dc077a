{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.RegularExpressions;

{$mode delphi}{$H+}

interface

type
  TGroup = record
    Value: string;
  end;
  TMatch = record
    Success: Boolean;
    function GetGroup(Index: Integer): TGroup;
    property Groups[Index: Integer]: TGroup read GetGroup;
  end;
  TRegEx = record
    class function Match(const Input, Pattern: string): TMatch; static;
  end;

implementation

function TMatch.GetGroup(Index: Integer): TGroup; begin Result.Value := ''; end;
class function TRegEx.Match(const Input, Pattern: string): TMatch; begin Result.Success := False; end;

end.
