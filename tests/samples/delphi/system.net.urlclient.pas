{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.Net.URLClient;

{$mode delphi}{$H+}

interface

type
  TNetHeader = record
    Name, Value: string;
    class function Create(const AName, AValue: string): TNetHeader; static;
  end;
  TNetHeaders = array of TNetHeader;

implementation

class function TNetHeader.Create(const AName, AValue: string): TNetHeader;
begin
  Result.Name := AName;
  Result.Value := AValue;
end;

end.
