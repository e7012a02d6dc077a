{ What programs use of Delphi's unit, declared for Free Pascal's compiler. Nothing here runs. }
unit System.Net.HttpClient;

{$mode delphi}{$H+}

interface

uses
  System.SysUtils, System.Classes, System.Net.URLClient;

type
  IHTTPRequest = interface
    procedure SetSourceStream(Stream: TStream);
    function GetSourceStream: TStream;
    property SourceStream: TStream read GetSourceStream write SetSourceStream;
  end;
  IHTTPResponse = interface
    function GetStatusCode: Integer;
    function GetHeaderValue(const Name: string): string;
    function ContentAsString(Encoding: TEncoding): string;
    property StatusCode: Integer read GetStatusCode;
    property HeaderValue[const Name: string]: string read GetHeaderValue;
  end;
  THTTPClient = class
    ConnectionTimeout, ResponseTimeout: Integer;
    class function Create: THTTPClient; static;
    function GetRequest(const Method, Url: string): IHTTPRequest;
    function Execute(const Request: IHTTPRequest; Content: TStream; const Headers: TNetHeaders): IHTTPResponse;
  end;

implementation

class function THTTPClient.Create: THTTPClient; begin Result := nil; end;
function THTTPClient.GetRequest(const Method, Url: string): IHTTPRequest; begin Result := nil; end;
function THTTPClient.Execute(const Request: IHTTPRequest; Content: TStream; const Headers: TNetHeaders): IHTTPResponse;
begin
  Result := nil;
end;

end.
